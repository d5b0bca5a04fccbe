package outbox

import (
	"testing"
	"time"

	"patikra/bot"
)

// whose is the key of a conversation.
func whose(n int) bot.Key { return bot.Key{Hash: [16]byte{byte(n), byte(n >> 8)}} }

func TestABreakerStopsForFaultsOfTheNetworkOrPlaceAndNeverForOneConversation(t *testing.T) {
	now := time.Unix(1e9, 0)
	for _, c := range []struct {
		name  string
		fails func(i int) fault // the i-th of 40 failures
		works int               // after each so many failures one of another person's is taken; 0: never
		after int               // failures after which it is stopped; 0: never
	}{
		{"one conversation, whose message is tried for ever", func(i int) fault { return fault{whose: whose(1), first: i == 0} }, 0, 0},
		{"one conversation, with a new message each time", func(int) fault { return fault{whose: whose(1), first: true} }, 0, 0},
		{"one conversation that its place refuses", func(i int) fault { return fault{whose: whose(1), first: i == 0, place: true} }, 0, 0},
		{"two conversations that their place refuses", func(i int) fault { return fault{whose: whose(i % 2), first: i < 2, place: true} }, 0, 0},
		{"one file that lies on a network that is away", func(i int) fault { return fault{whose: whose(1), network: true, file: true} }, 0, 0},
		{"repeated tries of many", func(i int) fault { return fault{whose: whose(i)} }, 0, 0},
		{"first tries of many, while each third is taken", func(i int) fault { return fault{whose: whose(i), first: true} }, 2, 0},
		{"a place that refuses many, while others' are taken", func(i int) fault { return fault{whose: whose(i), place: true} }, 3, 0},
		{"nobody answers, whoever it is for", func(int) fault { return fault{whose: whose(1), network: true} }, 0, away},
		{"a place that refuses everybody", func(i int) fault { return fault{whose: whose(i), first: true, place: true} }, 0, away},
		{"first tries of many", func(i int) fault { return fault{whose: whose(i), first: true} }, 0, enough},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, stopped := &breaker{}, 0
			for i := range 40 {
				if b.failed(c.fails(i), now.Add(time.Duration(i)*time.Second/2)) {
					stopped = i + 1
					break
				}
				if c.works > 0 && i%c.works == c.works-1 {
					b.took(whose(1000+i), now.Add(time.Duration(i)*time.Second/2))
				}
			}
			if stopped != c.after {
				t.Errorf("stopped after %d failures, not %d", stopped, c.after)
			}
		})
	}
}

func TestAStoppedChannelHasOneProbeAtATimeAndTheFirstMessageThatIsTakenOpensIt(t *testing.T) {
	for name, place := range map[string]bool{"network": false, "place": true} {
		t.Run(name, func(t *testing.T) {
			now, b := time.Unix(1e9, 0), &breaker{}
			for i := range away {
				b.failed(fault{whose: whose(i), network: !place, place: place, why: "away"}, now)
			}
			if since, why := b.stopped(); !since.Equal(now) || why != "away" {
				t.Fatalf("stopped since %v: %s", since, why)
			}
			most := longestWait
			if place {
				most = placeWait
			}
			var pauses []time.Duration
			for range 8 {
				hold, probe := b.wait(now)
				if hold <= 0 || probe {
					t.Fatalf("a probe at once: %v", hold)
				}
				now = now.Add(hold)
				if hold, probe = b.wait(now); hold != 0 || !probe {
					t.Fatalf("no probe when it is due: %v", hold)
				}
				if hold, probe := b.wait(now); hold <= 0 || probe {
					t.Error("two probes at once")
				}
				b.failed(fault{whose: whose(77), first: true, why: "of a first try"}, now) // says nothing about the probe
				if _, probe := b.wait(now.Add(time.Minute)); probe {
					t.Error("a first try has ended the probe")
				}
				b.failed(fault{whose: whose(1), probe: true, network: !place, place: place, why: "still away"}, now)
				pauses = append(pauses, b.left(now))
			}
			for i := 1; i < len(pauses); i++ {
				if pauses[i] != min(2*pauses[i-1], most) {
					t.Errorf("pauses %v", pauses)
				}
			}
			if !b.took(whose(99), now) {
				t.Error("it was not opened")
			}
			if since, _ := b.trouble(); !since.IsZero() {
				t.Error("staff are told that it is stopped")
			}
			if hold, probe := b.wait(now); hold != 0 || probe {
				t.Error("something is held up")
			}
			if !b.works(now.Add(-time.Second)) || b.works(now) {
				t.Error("it is not known when it worked")
			}
		})
	}
}

func TestAProbeOfWhichNothingIsHeardIsMadeAgain(t *testing.T) {
	now, b := time.Unix(1e9, 0), &breaker{}
	for i := range away {
		b.failed(fault{whose: whose(i), network: true}, now)
	}
	now = now.Add(firstPause)
	if _, probe := b.wait(now); !probe {
		t.Fatal("no probe")
	}
	now = now.Add(firstPause + fileTime)
	b.wait(now)
	if _, probe := b.wait(now); !probe {
		t.Error("there is never another probe")
	}
	b.skip()
	if _, probe := b.wait(now.Add(longestWait)); !probe {
		t.Error("no probe after one that said nothing")
	}
}

func TestStaffAreToldOfAPlaceThatRefusesTheOnlyOneWhoWrites(t *testing.T) {
	now, b := time.Unix(1e9, 0), &breaker{}
	for i := range troubled {
		if since, _ := b.trouble(); !since.IsZero() {
			t.Errorf("told after %d", i)
		}
		b.failed(fault{whose: whose(1), place: true, why: "not enough rights"}, now.Add(time.Duration(i)*time.Second))
	}
	if since, why := b.trouble(); !since.Equal(now) || why != "not enough rights" {
		t.Errorf("since %v: %s", since, why)
	}
	b.took(whose(1), now)
	if since, _ := b.trouble(); !since.IsZero() {
		t.Error("still told")
	}
}
