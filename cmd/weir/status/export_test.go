package status

// PageOfSenders is pageOfSenders.
var PageOfSenders = pageOfSenders
