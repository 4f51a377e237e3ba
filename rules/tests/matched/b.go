package matched
