package same

func inner() string { return file() }
