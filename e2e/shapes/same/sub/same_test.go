package same

func innermost() string { return file() }
