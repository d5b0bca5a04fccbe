// Package bot is the vocabulary of the house: what a person did ([Update]), what is remembered of them ([Session], [Case]), what a turn
// decides ([Plan], [Message]), and the two things that carry it out, a [Store] and a [Channel]. It has no clock, no chance and no network.
//
// # The house
//
// Imports go down only; neighbours on a floor never import each other. Every arrow that there is stands in testdata/arrows.txt.
//
//	attic      cmd/patikra     wires everything, runs it, and holds the staff's commands
//
//	7th        bot/proof                          prints every screen and every text, for who reviews the words
//
//	6th        bot/telegram  bot/messenger        talk to people
//	           bot/web  bot/terminal
//	           bot/telegram (Desk)  bot/inbox     counsellors, in a group or in a program of their own
//	           bot/console                        counsellors, in a browser
//	           bot/push                           calls them where its page is closed
//	           bot/outbox                         deliver
//	           bot/files                          keeps what is no words, for who reads in a browser
//	           bot/metrics                        how many, never who
//	           bot/story                          plays conversations written down
//	           bot/diff                           what changes for a person between two books
//	           bot/poster                         draws what is printed
//
//	5th        bot/desk                           the counsellors' side: accounts, who is on duty, the list of deeds
//	           bot/redisstore  bot/sqlitestore    remember
//	           bot/server                         HTTP: mounts, health
//
//	4th        bot/engine      load, decide, commit; books; what is kept beside a talk
//
//	3rd        bot/talk        Update -> Decide -> Plan: decides and draws, and can do nothing else
//
//	2nd        bot/library     the staff's quizzes and texts, held against each other
//
//	1st        bot             Update, Message, Session, Case, Plan, Store, Channel; how they are stored
//
//	mezzanine  bot/read        what somebody means who types freely
//	           bot/seal        names and values that tell the disk nothing
//	           bot/flood       how much one person may do at once
//	           bot/media       draws strangers' pictures anew, in a process of its own
//	           bot/libretranslate  asks a machine what words mean in another language
//	           bot/peer        who asks over HTTP, as far as a proxy says it
//	           bot/backup      the form of a copy of a whole store
//	           flows/draw  content/exchange       a quiz as a picture; texts to translators and back
//
//	ground     flows           what is asked, where it leads, what it raises, how it is weighed
//	           content         what is said, in which language; places and phone numbers
//
//	cellar     content/sheet   reads the files of both, and names every mistake
//
// Tests have houses of their own: bot/storetest, which every store passes, bot/librarytest, which opens the files, and
// bot/telegram/telegramtest, a strict Bot API server, as bot/messenger/messengertest is a strict Graph API server, and
// bot/push/pushtest a strict push service. Package bot/load measures the program as a whole.
//
// # One update, straight through
//
//	webhook / poll ── Update ──► engine.Handle ── Store.Load ── talk.Decide (pure) ── Store.Commit ──► acknowledge
//	                                                                                     │
//	                            Channel.Deliver ◄── outbox worker (limits, order) ◄──────┘
//
// The network is told "received" only after the commit. A crash before it: the network sends the update
// again. A crash after it: the outbox still holds the reply. A repeated update is known by its id; the session
// keeps the last [MaxSeen], and of an erased conversation the partition keeps keyed digests for a day, which say nothing
// of whose they were.
//
// Two updates of one person at the same time: the second commit is stale, and its turn is run again on
// the newer session, which came with the refusal. A process keeps recent sessions in memory, sealed, so that
// in the steady state an update costs one round trip: the commit, which also leases the reply to the
// process that made it.
//
// What a delivery brings back (the number of a message) comes in as an [Update] of kind [Delivered]; somebody
// who is gone as [Gone].
//
// # A case
//
// Somebody who asks for a human has a [Case] in their session: waiting, held, lapsed or closed, by a looplab/fsm machine.
// A case may wait for a call back ([Call]); its time comes up like every other time of a case.
// What a counsellor does is an [Update] of the person's conversation ([Acted], [Said]), and what a turn decides for the desk
// is committed with it, in a queue of its own ([ToDesk]); so words go to the desk and back in order and are not lost. A case that waits
// sets a [Timer], which comes back as an Update of kind [Due]. The desk tells where it has put the case by [Placed]; the card is drawn
// when it is delivered (Card of package talk), and so is always the newest. Each step at which a case calls counsellors is told to
// who can call them where their page is closed (Calls of the engine's Bot).
//
// A talk on the page may go on in a chat as well, which then speaks for it: the session, the case and the log stay where they are ([Update].Chat).
//
// # What is kept, and where
//
// A conversation belongs to one of N partitions by a keyed hash of its address. All that a turn writes lies
// in that partition, so that a commit is one script on one slot of a Redis Cluster. Values are sealed; keys are
// hashes; see package seal. A session holds answers as positions in a book, never a word that was typed.
//
// A library is a book and its texts. A session keeps the book it began with as long as the process runs;
// phone numbers are never pinned.
package bot
