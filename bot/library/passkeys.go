package library

import (
	"strings"
)

// texts of passkeys, by their names in console.yaml
var passkeyTexts = strings.Fields(`key-title key-add key-hint key-made key-remove key-failed key-count key-remove-all enter-key enter-key-failed
	act-enter-key act-key-add act-key-remove`)
