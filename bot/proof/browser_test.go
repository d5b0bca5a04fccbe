package proof_test

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestNothingOfTheBookIsCutInABrowser(t *testing.T) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("Chromium is needed under CI=true")
		}
		t.Skip("Chromium is not installed")
	}
	_, page := printed(t)
	file := filepath.Join(t.TempDir(), "book.html")
	if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox)...)
	defer cancel()
	ctx, cancel2 := chromedp.NewContext(alloc)
	defer cancel2()
	for _, width := range []int64{360, 1400} {
		for _, step := range []chromedp.Action[chromedp.Void]{chromedp.EmulateViewport(width, 800), chromedp.Navigate((&url.URL{Scheme: "file", Path: file}).String())} {
			if err := chromedp.Do(ctx, step); err != nil {
				t.Fatal(err)
			}
		}
		cut, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll(".screen, .screen *")].filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0)
			.map(e => e.textContent.trim().slice(0, 80)).concat(document.documentElement.scrollWidth > innerWidth ? ["the page itself"] : [])`))
		if err != nil {
			t.Fatal(err)
		}
		if len(cut) > 0 {
			t.Errorf("at %d px these are wider than their place: %.5q (%d)", width, cut, len(cut))
		}
	}
}
