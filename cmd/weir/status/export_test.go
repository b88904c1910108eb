package status

// PageOfSenders is pageOfSenders.
var PageOfSenders = pageOfSenders

// Text is text.
var Text = text
