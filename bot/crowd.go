package bot

// AnyNetwork is an Update's Network where people are not told apart by their address.
const AnyNetwork = "any"
