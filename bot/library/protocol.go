package library

import (
	"slices"
	"strings"

	"patikra/content"
)

// A protocol says step by step what to say and do where a wrong word can hurt. Its words are in content/<language>/protocols.yaml. What
// the desk knows of a case brings one up; each can be opened by hand, and staff may add others, which are opened by hand alone. What is
// done is kept with the case, so that whoever takes it over goes on from there.

// The protocols that there must be, in the order they are shown.
const (
	ForDanger  = "danger"  // somebody is in danger now
	ForDespair = "despair" // somebody has written of wanting to die
	ForMinor   = "minor"   // somebody under 18
	forMute    = "mute"    // somebody who cannot speak
)

var ownProtocols = []string{ForDanger, ForDespair, ForMinor, forMute}

// Protocols are the names of all protocols, those that there must be first.
func Protocols(c *content.Catalog) []string {
	out := slices.Clone(ownProtocols)
	if src := c.Language(content.Source); src != nil {
		for _, n := range src.Names("protocols.") {
			if name, _, ok := strings.Cut(strings.TrimPrefix(n, "protocols."), "."); ok && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}
