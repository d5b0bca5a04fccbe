//go:build !long

package server

// How many slow connections are opened, of how many addresses, and how many may be open in all and of one address.
const (
	crowdCalls = 270
	crowdOf    = 3
	crowdMost  = 150
	crowdShare = 64
)
