package main

import (
	"errors"
	"io/fs"
	"os"

	"patikra/bot"
)

// files opens a folder of staff's files without following links out of it; the built-in ones for "".
func files(dir string) (fs.FS, error) {
	if dir == "" {
		return bot.BuiltIn(), nil
	}
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = errors.New("it is not a folder")
	}
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return root.FS(), nil
}
