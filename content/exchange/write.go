package exchange

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"sort"
	"time"

	"patikra/content/sheet"
)

// Over lays changed files over a folder, to look at them before they are written.
func Over(fsys fs.FS, files map[string][]byte) fs.FS { return over{fsys, files} }

type over struct {
	fs.FS
	files map[string][]byte
}

func (o over) Open(name string) (fs.File, error) {
	if data, ok := o.files[name]; ok {
		return &memory{bytes.NewReader(data), info{path.Base(name), int64(len(data))}}, nil
	}
	return o.FS.Open(name)
}

// ReadDir lists a folder with the files that only this layer has.
func (o over) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(o.FS, name)
	if err != nil {
		return nil, err
	}
	for file, data := range o.files {
		if base := path.Base(file); path.Dir(file) == name && !slices.ContainsFunc(list, func(e fs.DirEntry) bool { return e.Name() == base }) {
			list = append(list, fs.FileInfoToDirEntry(info{base, int64(len(data))}))
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name() < list[j].Name() })
	return list, nil
}

// memory is a file of the layer.
type memory struct {
	*bytes.Reader
	info info
}

func (m *memory) Stat() (fs.FileInfo, error) { return m.info, nil }
func (m *memory) Close() error               { return nil }

type info struct {
	name string
	size int64
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return 0o644 }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return false }
func (i info) Sys() any           { return nil }

// Write puts files into a folder: all of them or none. Each is written whole beside its place first; when a
// change of names fails half way, the files that were already changed get their old contents back.
func Write(root *os.Root, files map[string][]byte) (err error) {
	var names, temps []string
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	defer func() {
		for _, t := range temps {
			root.Remove(t)
		}
	}()
	old := map[string][]byte{}
	for _, name := range names {
		if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
			return fmt.Errorf("make the folder of %s: %w", name, err)
		}
		mode := fs.FileMode(0o644)
		if info, err := root.Lstat(name); err == nil {
			if !info.Mode().IsRegular() {
				return sheet.Say("%s is not a plain file", name)
			}
			mode = info.Mode().Perm()
		}
		data, err := root.ReadFile(name)
		switch {
		case err == nil:
			old[name] = data
		case !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("read %s: %w", name, err)
		}
		temp := path.Join(path.Dir(name), "."+path.Base(name)+".new")
		root.Remove(temp)
		temps = append(temps, temp)
		if err := writeWhole(root, temp, files[name], mode); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	for i, name := range names {
		if err := root.Rename(temps[i], name); err != nil {
			for _, n := range names[:i] {
				if data, ok := old[n]; ok {
					err = errors.Join(err, root.WriteFile(n, data, 0o644))
				} else {
					err = errors.Join(err, root.Remove(n))
				}
			}
			return fmt.Errorf("put %s in its place: %w", name, err)
		}
	}
	return nil
}

func writeWhole(root *os.Root, name string, data []byte, mode fs.FileMode) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}
