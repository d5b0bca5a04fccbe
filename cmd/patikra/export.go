package main

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"time"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/talk"
	"patikra/content/sheet"
)

// exported is what is kept of a case, for the person whose it is.
type exported struct {
	Words    string         `json:"words"`
	State    string         `json:"state"`
	Language string         `json:"language"`
	Card     string         `json:"card"`
	Phone    string         `json:"phone,omitempty"`
	Lines    []exportedLine `json:"lines"`
}

type exportedLine struct {
	At   time.Time `json:"at"`
	By   string    `json:"by"` // person, counsellor, program, note
	Text string    `json:"text"`
}

var voices = map[bot.Voice]string{talk.ByPerson: "person", talk.ByCounsellor: "counsellor", talk.ByNotice: "program", talk.ByNote: "note"}

func exportCase(ctx context.Context, b *desk.Desk, in json.RawMessage) (any, error) {
	var r conversation
	if err := json.Unmarshal(in, &r); err != nil {
		return nil, plainf("name a case")
	}
	at, err := addressOf(ctx, b, r)
	if err != nil {
		return nil, err
	}
	s, err := b.Session(ctx, at)
	if err != nil {
		return nil, err
	}
	card, ok := talk.Card(b.Library(), s)
	if !ok {
		return nil, plainf("this conversation has no case; nothing that was written is kept of it")
	}
	lines, err := b.Log(ctx, b.Key(at), 0)
	if err != nil {
		return nil, err
	}
	out := exported{Words: s.Case.Word, State: s.Case.State.String(), Language: s.Lang, Card: strings.ReplaceAll(card.Text, "**", ""), Phone: s.Case.Told.Call.Phone, Lines: []exportedLine{}}
	for _, l := range lines {
		out.Lines = append(out.Lines, exportedLine{time.Unix(l.At, 0).UTC(), voices[l.By], strings.ReplaceAll(l.Text, "**", "")})
	}
	return out, nil
}

// exportCommand prints all that is kept of a case, on the person's own request. Who asks proves it by the code that
// only they are shown.
func exportCommand(ctx context.Context, words []string, out, errs io.Writer) int {
	r, ok := named(words)
	if !ok {
		fail(errs, "export", sheet.Text("name the case by its two words and the code that the person sees when they write /code, as: patikra export Upė Klevas 7KM4-Q2XP; or the conversation, as: patikra export telegram 123456"))
		return misuse
	}
	var e exported
	if err := have(ctx, "export", r, &e); err != nil {
		fail(errs, "export", err)
		return found
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	enc.Encode(e)
	return fine
}
