package library

import (
	"patikra/content"
)

var Icons = map[string]string{"back": "‹ ", "return": "‹ ", "numbers": "☎ ", "human": "☎ ", "exit": "✕ ", "listen": "♪ "}

// Named is a button's name in a language.
type Named struct{ Tag, Name string }

// withIcons joins icons and labels once, for every screen has three of them.
func withIcons(c *content.Catalog) map[Named]string {
	out := map[Named]string{}
	for i := range c.Languages {
		lang := &c.Languages[i]
		for name, icon := range Icons {
			out[Named{lang.Tag, name}] = icon + lang.Text("chat."+name)
		}
	}
	return out
}
