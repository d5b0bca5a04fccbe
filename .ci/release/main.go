// Release makes what people download: for each system an archive with the program, the pages to read first and the licences of what is linked
// into it, a list of what it is made of (CycloneDX), and one file with the checksums of all.
//
//	nice -n 19 go run ./.ci/release [-version v1.2.0] [-out dist] [linux-amd64 windows-amd64 ...]
//
// The same commit and the same Go make the same bytes, wherever and whenever it is run: paths and the time of the build stay out, and every
// file in an archive has the time of the commit. Whoever doubts an archive makes it anew and compares the checksums.
package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// targets are the systems for which there is an archive.
var targets = []string{"linux-amd64", "linux-arm64", "windows-amd64", "darwin-amd64", "darwin-arm64"}

// pages go into each archive beside the program.
var pages = []string{"README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE"}

// partsLister writes down what a program is made of.
const partsLister = "github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0"

var (
	version = flag.String("version", "", "what patikra version says; without it what git describes")
	out     = flag.String("out", "dist", "the folder for the archives, made new")
)

func main() {
	log.SetFlags(0)
	flag.Parse()
	chosen := flag.Args()
	if len(chosen) == 0 {
		chosen = targets
	}
	if err := release(chosen); err != nil {
		log.Fatalln("release:", err)
	}
}

func release(chosen []string) error {
	for _, t := range chosen {
		if !slices.Contains(targets, t) {
			return fmt.Errorf("there is no archive for %s; there are %s", t, strings.Join(targets, ", "))
		}
	}
	at, err := committed()
	if err != nil {
		return err
	}
	if err := os.Mkdir(*out, 0o755); err != nil {
		return fmt.Errorf("%w: name a folder that is not there yet", err)
	}
	tools, err := os.MkdirTemp("", "release")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tools)
	if _, err := run([]string{"GOBIN=" + tools}, "go", "install", partsLister); err != nil {
		return err
	}
	var sums strings.Builder
	for _, t := range chosen {
		names, err := archive(t, tools, at)
		if err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
		for _, name := range names {
			if err := sum(&sums, name); err != nil {
				return err
			}
		}
	}
	return os.WriteFile(filepath.Join(*out, "SHA256SUMS"), []byte(sums.String()), 0o644)
}

// sum adds a file's checksum as sha256sum -c reads it.
func sum(to io.Writer, name string) error {
	data, err := os.ReadFile(filepath.Join(*out, name))
	if err != nil {
		return err
	}
	fmt.Printf("%s  %.1f MB\n", name, float64(len(data))/1e6)
	_, err = fmt.Fprintf(to, "%x  %s\n", sha256.Sum256(data), name)
	return err
}

// committed is the time of the commit, which every file gets. It names the version where nobody has. What is not committed is refused, for
// nobody could make the same archives again.
func committed() (time.Time, error) {
	changed, err := output("git", "status", "--porcelain")
	if err != nil {
		return time.Time{}, err
	}
	if changed != "" {
		return time.Time{}, fmt.Errorf("commit these changes first, or take them away:\n%s", changed)
	}
	if *version == "" {
		if *version, err = output("git", "describe", "--tags", "--always"); err != nil {
			return time.Time{}, err
		}
	}
	s, err := output("git", "log", "-1", "--format=%ct")
	if err != nil {
		return time.Time{}, err
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return time.Unix(n, 0).UTC(), err
}

// archive builds for a system and writes the archive and the list of parts. It returns their names.
func archive(target, tools string, at time.Time) (names []string, err error) {
	system, machine, _ := strings.Cut(target, "-")
	whole := "patikra-" + *version + "-" + target
	program := filepath.Join(tools, target, "patikra")
	end := ".tar.gz"
	if system == "windows" {
		program, end = program+".exe", ".zip"
	}
	// what somebody has set for their own builds stays out
	env := []string{"GOOS=" + system, "GOARCH=" + machine, "GOAMD64=v1", "GOARM64=v8.0", "CGO_ENABLED=0", "GOFLAGS=", "GOEXPERIMENT=", "GODEBUG="}
	if _, err := run(env, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X main.version="+*version, "-o", program, "./cmd/patikra"); err != nil {
		return nil, err
	}
	files, err := inside(program)
	if err != nil {
		return nil, err
	}
	pack := packTar
	if end == ".zip" {
		pack = packZip
	}
	data, err := pack(whole, files, at)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(*out, whole+end), data, 0o644); err != nil {
		return nil, err
	}
	parts, err := run(nil, filepath.Join(tools, "cyclonedx-gomod"), "bin", "-json", "-noserial", "-notimestamp", "-licenses", "-version", *version, program)
	if err != nil {
		return nil, err
	}
	data, err = withoutTools([]byte(parts))
	if err != nil {
		return nil, err
	}
	return []string{whole + end, whole + ".cdx.json"}, os.WriteFile(filepath.Join(*out, whole+".cdx.json"), data, 0o644)
}

// withoutTools takes the lister's own checksums out of its list: they differ from machine to machine.
func withoutTools(list []byte) ([]byte, error) {
	var parts map[string]any
	if err := json.Unmarshal(list, &parts); err != nil {
		return nil, err
	}
	about, ok := parts["metadata"].(map[string]any)
	if !ok {
		return nil, errors.New("the list of parts has no metadata")
	}
	name, its, _ := strings.Cut(path.Base(partsLister), "@")
	about["tools"] = []any{map[string]any{"vendor": "CycloneDX", "name": name, "version": its}}
	data, err := json.MarshalIndent(parts, "", "  ")
	return append(data, '\n'), err
}

// file is one of an archive.
type file struct {
	name string
	mode fs.FileMode
	data []byte
}

// inside are the files of an archive: the program, the pages and the licences, which ask that their texts travel with what they are for.
func inside(program string) ([]file, error) {
	data, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	files := []file{{filepath.Base(program), 0o755, data}}
	for _, p := range pages {
		data, err := os.ReadFile(p)
		if err != nil {
			return nil, err
		}
		files = append(files, file{p, 0o644, data})
	}
	theirs, err := licences(program)
	return append(files, theirs...), err
}

var isLicence = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)`)

// licences are the texts of what is linked into the program, Go's own first.
func licences(program string) ([]file, error) {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return nil, err
	}
	goroot, err := output("go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	files, err := licencesOf("go", goroot)
	if err != nil {
		return nil, err
	}
	for _, m := range info.Deps {
		said, err := output("go", "mod", "download", "-json", m.Path+"@"+m.Version)
		if err != nil {
			return nil, err
		}
		var module struct{ Dir string }
		if err := json.Unmarshal([]byte(said), &module); err != nil {
			return nil, err
		}
		theirs, err := licencesOf(m.Path+"@"+m.Version, module.Dir)
		if err != nil {
			return nil, err
		}
		files = append(files, theirs...)
	}
	return files, nil
}

func licencesOf(module, dir string) ([]file, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []file
	for _, e := range entries {
		if !e.Type().IsRegular() || !isLicence.MatchString(e.Name()) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		files = append(files, file{path.Join("licenses", module, e.Name()), 0o644, data})
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no licence in %s", module)
	}
	return files, nil
}

func packTar(dir string, files []file, at time.Time) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	w := tar.NewWriter(z)
	for _, f := range files {
		head := &tar.Header{Name: path.Join(dir, f.name), Mode: int64(f.mode), Size: int64(len(f.data)), ModTime: at, Typeflag: tar.TypeReg}
		if err := w.WriteHeader(head); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func packZip(dir string, files []file, at time.Time) ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range files {
		head := &zip.FileHeader{Name: path.Join(dir, f.name), Method: zip.Deflate, Modified: at}
		head.SetMode(f.mode)
		part, err := w.CreateHeader(head)
		if err != nil {
			return nil, err
		}
		if _, err := part.Write(f.data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// run runs a program with more in its environment, and returns what it prints.
func run(env []string, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		io.Copy(os.Stderr, &said)
		return "", fmt.Errorf("%s: %w", filepath.Base(name), err)
	}
	return strings.TrimSpace(string(out)), nil
}

func output(name string, args ...string) (string, error) { return run(nil, name, args...) }
