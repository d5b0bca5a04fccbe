package library

import (
	"io/fs"
	"strings"

	"patikra/content"
	"patikra/flows"
)

// BuiltIn returns the files that came with the program, as one folder that holds flows/ and content/.
func BuiltIn() fs.FS { return builtIn{} }

type builtIn struct{}

func (builtIn) Open(name string) (fs.File, error) {
	for prefix, files := range map[string]fs.FS{"flows": flows.Files, "content": content.Files} {
		if name == prefix {
			return files.Open(".")
		}
		if rest, ok := strings.CutPrefix(name, prefix+"/"); ok {
			return files.Open(rest)
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}
