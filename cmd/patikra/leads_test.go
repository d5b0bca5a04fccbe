package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"patikra/bot"
	"patikra/bot/desk"
	"patikra/bot/library"
	"patikra/bot/seal"
	"patikra/bot/sqlitestore"
)

func TestReadyzAndTheLogTellThatNobodyLeadsAndWhatTheWayBackIs(t *testing.T) {
	t.Parallel()
	lib, err := library.Open(library.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlitestore.Open(t.TempDir(), 4)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	ring, err := seal.New(seal.NewKey(), 4)
	if err != nil {
		t.Fatal(err)
	}
	b := desk.New(lib, store, ring)
	says := func() string { // what both say
		t.Helper()
		core, logs := observer.New(zap.WarnLevel)
		once, stop := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer stop()
		watchLeads(once, b, zap.New(core))
		logged := ""
		for _, e := range logs.All() {
			logged += e.Message
		}
		noted := ""
		if err := unledNote(b)(t.Context()); err != nil {
			noted = err.Error()
		}
		if logged != noted {
			t.Errorf("the log says %q, /readyz %q", logged, noted)
		}
		return noted
	}
	if s := says(); s != "" {
		t.Errorf("before anybody came: %s", s)
	}
	who := bot.Actor{ID: "telegram:7"}
	if _, _, err := b.InviteMember(t.Context(), "Vera 7", who, time.Now()); err != nil {
		t.Fatal(err)
	}
	token, _, err := b.Invite(t.Context(), "Vera 7", desk.Lead, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.Enter(t.Context(), token, time.Now()); err != nil {
		t.Fatal(err)
	}
	if s := says(); s != "" {
		t.Errorf("while somebody leads: %s", s)
	}
	if err := b.MemberLeft(t.Context(), who, time.Now()); err != nil {
		t.Fatal(err)
	}
	if s := says(); !strings.Contains(s, "nobody leads") || !strings.Contains(s, "patikra invite NAME --role lead") || strings.Contains(s, "Vera") || strings.Contains(s, ":7") {
		t.Errorf("after the last lead left: %q", s)
	}
}
