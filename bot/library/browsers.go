package library

import (
	"strings"
)

// texts of being called, by their names in desk.yaml and console.yaml
var (
	callingTexts     = strings.Fields("note-pushed note-unpushed")
	callingPageTexts = strings.Fields(`push push-on push-away push-hint push-refused push-text act-push-on act-push-off
		sound-choose sound-which sound-rise sound-bell sound-low sound-level sound-quiet sound-usual sound-loud sound-try sound-try-danger`)
)
