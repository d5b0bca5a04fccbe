package library

import (
	"strings"
)

// Which languages are spoken at the desk, and how many talks somebody has at once.

// roomTexts are the texts of the desk's page as a room to work in, by their names in console.yaml.
var roomTexts = strings.Fields(`next next-none next-full not-spoken work work-speaks work-most most save act-speaks reply-find reply-nothing keys keys-on shut
	key-next key-down key-up key-unread key-queue key-take key-answer key-reply key-note key-card key-look key-transfer key-release key-close key-send key-other key-leave key-map`)

// roomDeskTexts are those of desk.yaml.
var roomDeskTexts = []string{"spoken", "regions"}
