package telegramtest

const maxBody = 52 << 20 // an upload of 50 MB and its form

// upload is a file that came in with a call, or that a person sent.
type upload struct {
	name string
	mime string
	data []byte
}

// files of a multipart call, by the name of their field.
type files map[string]*upload
