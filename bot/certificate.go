package bot

// Certificate says that somebody went through a training module. It says neither who nor how well.
type Certificate struct {
	Module string
	Day    string // as 2026-11-23
}

// String is what is signed.
func (c Certificate) String() string {
	return c.Module + "." + c.Day
}
