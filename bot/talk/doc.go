// Package talk decides what a conversation says next, and draws it.
//
// [Decide] takes what is remembered of somebody and what they did, and returns a [bot.Plan]: what is remembered now, what is sent and to
// whom, when to look again, what to count. Nothing in a plan has happened yet. The package can do nothing else: it has no store, no
// network, no clock and no chance, and a test holds that it imports none; the time is that of the update.
//
// A turn stands in turn.go. What it decides and draws of one matter stands together in a file of that name: the case (handoff, counsel,
// protocol, undelivered), the call back (call), a chat that speaks for a page (bridge), changed answers (change), the country, the training.
// Screens are drawn as text (screens) and, for who draws on a page, as a [Page]; a [CardView] is what counsellors see of a talk.
package talk
