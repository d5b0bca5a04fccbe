package bot_test

import (
	"testing"

	"patikra/bot"
)

func builtIn(t testing.TB) *bot.Library {
	t.Helper()
	lib, err := bot.Open(bot.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

func TestTheBuiltInFilesLoadWithoutAMistake(t *testing.T) {
	builtIn(t)
}
