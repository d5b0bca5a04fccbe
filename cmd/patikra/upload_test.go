package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"html"
	"image/jpeg"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"patikra/bot/seal"
	"patikra/bot/telegram/telegramtest"
)

// placedPhoto is a phone's photo that tells where it was taken.
func placedPhoto(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "pdf", "chromium.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	photo := data[bytes.Index(data, []byte("\xff\xd8\xff")):]
	return photo[:bytes.Index(photo, []byte("\nendstream"))]
}

// exiftool is what a reader that is not ours finds in a file.
func exiftool(t testing.TB, data []byte) string {
	t.Helper()
	tool, err := exec.LookPath("exiftool")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("needs exiftool")
	}
	cmd := exec.Command(tool, "-a", "-G", "-")
	cmd.Stdin = bytes.NewReader(data)
	out, _ := cmd.CombinedOutput()
	return string(out)
}

// talks brings a person on the web page to a counsellor.
func (r *reader) talks() {
	r.t.Helper()
	r.begin()
	r.press("human")
	r.press("human:agree")
	if !strings.Contains(r.body, `data-screen="talk"`) {
		r.t.Fatalf("not the talk:\n%s", r.body)
	}
}

// form is the page's form as a browser sends it with a file.
func (r *reader) form(name string, data []byte, text string) (kind string, body []byte) {
	r.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, m := range hiddenField.FindAllStringSubmatch(r.body, -1) {
		if m[1] == "form" {
			w.WriteField(m[1], html.UnescapeString(m[2]))
			break
		}
	}
	w.WriteField("text", text)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		r.t.Fatal(err)
	}
	part.Write(data)
	w.Close()
	return w.FormDataContentType(), b.Bytes()
}

// sends sends words and a file in the talk.
func (r *reader) sends(name string, data []byte, text string) {
	r.t.Helper()
	kind, body := r.form(name, data, text)
	r.take(r.client.Post(r.base+"/lt/check", kind, bytes.NewReader(body)))
}

var filePath = regexp.MustCompile(`src="(/desk/case/[A-Za-z0-9_-]+/file/\d+)"`)

// shownFiles are the addresses of the files that the talk shows.
func (r *reader) shownFiles() (out []string) {
	for _, m := range filePath.FindAllStringSubmatch(r.body, -1) {
		out = append(out, m[1])
	}
	return out
}

// opens opens the only case.
func (r *reader) opens() {
	r.t.Helper()
	r.get("/desk")
	if path := casePath.FindString(r.body); path != "" {
		r.get(path)
	}
}

func TestAPictureFromTheWebIsShownAtTheDeskAndErasedWithItsTalk(t *testing.T) {
	t.Parallel()
	photo := placedPhoto(t)
	stores(t, func(t *testing.T, settings func(t *testing.T) []string) {
		set := append(settings(t), "PATIKRA_DESK_HOURS=always")
		p := launch(t, set...)
		ruta := p.enters("Rūta")
		anna := newReader(t, p)
		anna.talks()
		if !strings.Contains(anna.body, `type="file"`) || !strings.Contains(anna.body, "iki 20 MB") || strings.Contains(anna.body, "tik žodžiai") {
			t.Fatalf("the page does not say what can be sent:\n%s", anna.body)
		}
		anna.sends("IMG_XYZZY.jpg", photo, "Toks skelbimas")
		if anna.code != 200 || !strings.Contains(anna.body, "Nuotrauką perdaviau") || !strings.Contains(anna.body, "Toks skelbimas") || strings.Count(anna.body, "[nuotrauka]") != 1 {
			t.Fatalf("%d\n%s", anna.code, anna.body)
		}
		ruta.opens()
		files := ruta.shownFiles()
		if len(files) != 1 || strings.Contains(ruta.body, "XYZZY") || !strings.Contains(ruta.body, "Toks skelbimas") {
			t.Fatalf("%v\n%s", files, ruta.body)
		}
		resp, err := ruta.client.Get(p.base + files[0])
		if err != nil {
			t.Fatal(err)
		}
		var shown bytes.Buffer
		shown.ReadFrom(resp.Body)
		resp.Body.Close()
		for name, want := range map[string]string{"Content-Type": "image/jpeg", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
			"Content-Disposition": `inline; filename="1.jpg"`, "Cross-Origin-Resource-Policy": "same-origin"} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s: %q", name, got)
			}
		}
		if csp := resp.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "sandbox") {
			t.Errorf("the file may do %q", csp)
		}
		if _, err := jpeg.Decode(bytes.NewReader(shown.Bytes())); err != nil {
			t.Errorf("%d bytes that are no picture: %v", shown.Len(), err)
		}
		if before := exiftool(t, photo); !strings.Contains(before, "GPS Latitude") {
			t.Errorf("the photo of the test tells no place, so it proves nothing:\n%s", before)
		}
		if after := exiftool(t, shown.Bytes()); strings.Contains(after, "GPS") || strings.Contains(after, "[EXIF]") || strings.Contains(after, "XYZZY") {
			t.Errorf("it tells:\n%s", after)
		}
		stranger := newReader(t, p)
		for _, path := range []string{files[0], strings.TrimSuffix(files[0], "1") + "2", strings.Replace(files[0], "/case/", "/case/x", 1)} {
			if stranger.get(path); stranger.code == http.StatusOK || strings.Contains(stranger.body, "\xff\xd8") {
				t.Errorf("a stranger is given %s: %d", path, stranger.code)
			}
		}
		for _, path := range []string{strings.TrimSuffix(files[0], "1") + "2", strings.TrimSuffix(files[0], "1") + "0", strings.TrimSuffix(files[0], "1") + "257", strings.TrimSuffix(files[0], "1") + "x"} {
			if ruta.get(path); ruta.code != http.StatusNotFound {
				t.Errorf("%s: %d", path, ruta.code)
			}
		}
		anna.press("human:end") // a talk that has ended is still kept
		ruta.opens()
		anna.get("/lt/check")
		anna.erases()
		if ruta.get(files[0]); ruta.code != http.StatusNotFound {
			t.Errorf("after all was erased the picture is given out: %d", ruta.code)
		}
		p.within(5*time.Second, "nothing is left of the picture", func() error { return noFiles(t, p, set) })
		if log := p.log.String(); strings.Contains(log, "XYZZY") || strings.Contains(log, "skelbimas") {
			t.Errorf("the log tells\n%s", log)
		}
	})
}

// erases has everything erased.
func (r *reader) erases() {
	r.t.Helper()
	form := map[string][]string{}
	for _, m := range hiddenField.FindAllStringSubmatch(r.body, -1) {
		form[m[1]] = []string{html.UnescapeString(m[2])}
	}
	form["do"] = []string{"erase:yes"}
	r.take(r.client.PostForm(r.base+"/lt/check", form))
}

// noFiles looks into the store itself.
func noFiles(t *testing.T, p *program, set []string) error {
	for _, s := range set {
		if url, ok := strings.CutPrefix(s, "REDIS_URL="); ok {
			opts, err := redis.ParseURL(url)
			if err != nil {
				t.Fatal(err)
			}
			c := redis.NewClient(opts)
			defer c.Close()
			keys, err := c.Keys(t.Context(), "{p*}[fq]*:*").Result()
			if err != nil || len(keys) > 0 {
				return fmt.Errorf("%v, %v", keys, err)
			}
			return nil
		}
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(p.dir, "data", "patikra.db")+"?mode=ro")
	if err != nil {
		return err
	}
	defer db.Close()
	var n int
	if err := db.QueryRow("SELECT (SELECT count(*) FROM file) + (SELECT count(*) FROM item)").Scan(&n); err != nil || n > 0 {
		return fmt.Errorf("%d, %v", n, err)
	}
	return nil
}

func TestAPictureFromTheWebComesIntoTheGroupToo(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	anna := newReader(t, d.program)
	anna.talks()
	anna.sends("a.jpg", placedPhoto(t), "")
	if !strings.Contains(anna.body, "Nuotrauką perdaviau") {
		t.Fatal(anna.body)
	}
	var photo telegramtest.View
	d.soon("the picture", func() bool {
		for _, v := range d.group.All() {
			if v.Bot && v.Kind == "photo" {
				photo = v
			}
		}
		return len(photo.File) > 0
	})
	if strings.Contains(exiftool(t, photo.File), "GPS") {
		t.Error("it tells where it was taken")
	}
	d.clean()
}

func TestAPictureIsStillShownWhenTheKeyHasChanged(t *testing.T) {
	unwatched(t)
	t.Parallel()
	stores(t, func(t *testing.T, settings func(t *testing.T) []string) {
		old, next := seal.NewKey(), seal.NewKey()
		p := launch(t, append(settings(t), "PATIKRA_DESK_HOURS=always", "PATIKRA_KEY="+old)...)
		ruta, anna := p.enters("Rūta"), newReader(t, p)
		anna.talks()
		anna.sends("a.jpg", placedPhoto(t), "")
		p.kill()
		p.with("PATIKRA_KEY="+next, "PATIKRA_KEY_OLD="+old)
		p.start()
		p.waitReady()
		if code, out, errs := p.command("key", "rotate"); code != 0 {
			t.Fatalf("%d %s%s", code, out, errs)
		}
		p.kill()
		p.with("PATIKRA_KEY_OLD=") // from now the new key alone
		p.start()
		p.waitReady()
		ruta.opens()
		files := ruta.shownFiles()
		if len(files) != 1 {
			t.Fatalf("%v\n%s", files, ruta.body)
		}
		if ruta.get(files[0]); ruta.code != http.StatusOK || !strings.HasPrefix(ruta.body, "\xff\xd8\xff") {
			t.Errorf("%d, %d bytes", ruta.code, len(ruta.body))
		}
	})
}
