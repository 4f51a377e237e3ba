package same

func outer() string { return file() }
