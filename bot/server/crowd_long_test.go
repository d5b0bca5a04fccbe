//go:build long

package server

// go test -tags long -v -run SlowConnections ./bot/server

// How many slow connections are opened, of how many addresses, and how many may be open in all and of one address.
const (
	crowdCalls = 9000
	crowdOf    = 9
	crowdMost  = mostConns
	crowdShare = mostConnsOfPeer
)
