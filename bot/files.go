package bot

// FilesName is the channel of what is to be fetched, cleaned and kept. Its messages wait in the queue to the desk.
const FilesName = "files"

// Networks of files that lie here.
const (
	Uploaded = "uploaded" // it came with its update, cleaned
	Kept     = "kept"     // it is kept with its talk; ID is its number
)

// Shows reports whether somebody who reads in a browser can be shown it.
func (m *Media) Shows() bool {
	switch m.Kind {
	case "photo", "voice", "document":
		return m.Fetch != "" || m.Net == Uploaded
	case "location":
		return m.Place != ""
	}
	return false
}

// Has reports whether a file of the talk is kept. One that was passed on and is not is still on its way, or was given up.
func (c *Case) Has(number uint8) bool { return number < 32 && c.Kept&(1<<number) != 0 }
