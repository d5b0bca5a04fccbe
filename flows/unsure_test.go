package flows

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

func TestNoFileMakesASignOfNotKnowing(t *testing.T) {
	files := fstest.MapFS{}
	err := fs.WalkDir(Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(Files, path)
		files[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	const quiz = "quizzes/job-offer.yaml"
	whole := string(files[quiz].Data)
	for _, says := range []string{"raises: [fee]", "clears: [fee-asked]", "closes: [employer]", "green: [met]", "notes: [abroad]", "stage: leaving"} {
		files[quiz] = &fstest.MapFile{Data: []byte(strings.Replace(whole, "{ answer: unsure }", "{ answer: unsure, "+says+" }", 1))}
		if _, err := Load(underFlows{files}); err == nil || !strings.Contains(err.Error(), "who does not know has said nothing") {
			t.Errorf("%s: %v", says, err)
		}
	}
}
