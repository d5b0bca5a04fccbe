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
// # Groups
//
//	desk := srv.Group(telegramtest.GroupOptions{}) // a forum; the bot is an administrator with all rights
//	rasa := srv.User(telegramtest.Person{Name: "Rasa"})
//	desk.Join(rasa)
//	// the bot makes a topic and writes there
//	topic := desk.TopicList()[0]
//	rasa.SayIn(desk, topic.ID, "/take")
//	desk.DeleteTopic(topic.ID)
//
// What the bot may do there, who is a member, and whether there are topics at all, can change under way. Of a group
// the bot sees what its rights and the privacy mode let it see, and hears of members only as an administrator that
// asked for chat_member. General is the place without a topic: 0 (or 1) for a person's message and for [Group.Views],
// no message_thread_id for the bot's.
//
// A topic's name of more than 128 characters, which the real service cuts, is refused.
//
// # Limits
//
// With Options.Limits, messages are counted as Telegram's FAQ tells: 30 in any second over all chats; in a private
// chat one a second with a short burst, here a bucket of five that refills by one a second; in a group 20 in any
// minute. Sending, copying and editing count; deleting, answering a pressed button, "typing…" and what is done with
// topics and pins do not. A call that is
// refused for another reason isn't counted. Beyond a limit the answer is 429 with the whole seconds to wait in
// parameters.retry_after, and until these have passed the chat (or, beyond the overall limit, the bot) stays refused.
//
// # Time
//
// Options.Now is the clock for dates, limits, the 48 hours within which a message may be deleted and the life of a
// pressed button. Waiting itself (long polling, the pause before a webhook is tried again) takes real time.
package telegramtest
