package media

import "os"

// unnamed makes a file on the disk that nobody else can open, and that is gone when it is closed.
func unnamed() (*os.File, error) {
	f, err := os.CreateTemp("", "patikra-*") // with mode 0600
	if err != nil {
		return nil, err
	}
	os.Remove(f.Name()) // where the system lets nobody remove an open file, it stays in the folder for temporary files
	return f, nil
}
