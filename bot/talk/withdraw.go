package talk

import (
	"time"
)

// Limits of the note.
const (
	ShiftNoteLife = 36 * time.Hour
)
