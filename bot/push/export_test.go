package push

// Outside is outside.
var Outside = outside
