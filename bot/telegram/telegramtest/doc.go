// Package telegramtest is a strict Telegram Bot API server for tests, on loopback.
//
//	srv := telegramtest.New(t, telegramtest.Options{})
//	anna := srv.User(telegramtest.Person{Language: "lt"})
//	// start the bot with TELEGRAM_API=srv.URL and the token telegramtest.Token
//	anna.Say("/start")
//	anna.Wait(func(v telegramtest.View) bool { return len(v.Rows) > 0 }, 5*time.Second)
//	anna.Press("next")
//	if r := srv.Refusals(); len(r) > 0 { t.Error(r) }
//
// # What it is strict about
//
// Methods and parameters are those of api.json, an extract of the Bot API as data (see extract.go). A method that
// isn't there, a parameter the method doesn't have, a key an object doesn't have, or a value of the wrong type is
// refused. The real service would pass over some of these in silence; here each is a mistake worth seeing. For the
// same reason methods are called by POST alone, and in HTML a bare <, > or & is refused as its documentation asks.
//
// Refusals carry Telegram's own codes and descriptions where those are known. Each 4xx but 429 is kept with its
// reason in [Server.Refusals]: a test of a well-behaved bot expects none. A method that exists but that this server
// doesn't offer is refused, too.
//
// # Limits
//
// With Options.Limits, messages are counted as Telegram's FAQ tells: 30 in any second over all chats; in a private
// chat one a second with a short burst, here a bucket of five that refills by one a second; in a group 20 in any
// minute. Sending and editing count; deleting, answering a pressed button and "typing…" do not. A call that is
// refused for another reason isn't counted. Beyond a limit the answer is 429 with the whole seconds to wait in
// parameters.retry_after, and until these have passed the chat (or, beyond the overall limit, the bot) stays refused.
//
// # Time
//
// Options.Now is the clock for dates, limits, the 48 hours within which a message may be deleted and the life of a
// pressed button. Waiting itself (long polling, the pause before a webhook is tried again) takes real time.
package telegramtest
