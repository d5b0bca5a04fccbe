// Package messengertest is a strict Graph API server for tests of a Messenger bot, on loopback.
//
//	srv := messengertest.New(t, messengertest.Options{})
//	// start the bot with MESSENGER_API=srv.URL and the secrets messengertest.Token, AppSecret and VerifyToken
//	srv.Hook(bot + "/messenger")
//	anna := srv.User(messengertest.Person{Locale: "lt_LT"})
//	anna.Start("")
//	anna.Next(5 * time.Second)
//	anna.Press("next")
//	if r := srv.Refusals(); len(r) > 0 { t.Error(r) }
//
// # What it is strict about
//
// Paths, methods and fields it does not know are refused, and so are: a missing token or one in the address, a missing
// messaging_type or recipient, an empty text or one over 2,000 characters, more than 13 quick replies, a title over 20
// characters, a payload over 1,000, a title or payload twice under one message, markup that nobody would render (**), a tag, a message to nobody, to
// somebody who blocked the page, or outside the 24 hours after the person's last word. Each refusal has the shape and the
// codes of the real one and is kept in [Server.Refusals], limits apart: a test of a well-behaved bot expects none.
//
// The words of a refused token's answer hold that token, as the real ones do.
//
// # What a person sees
//
// Quick replies are gone as soon as another message follows, the person's own included. Press finds only those that
// are still there. Nothing is ever edited or removed.
//
// # The webhook
//
// Events of one person come one after the other, those of different people at the same time, unless Hold, Release and
// Again say otherwise; with Options.Batch several travel in one request. Anything but 200 is tried again. Every
// message of the bot comes back as an echo and is followed by receipts.
package messengertest
