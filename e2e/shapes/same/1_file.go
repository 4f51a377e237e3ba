package same

import "runtime"

func file() string {
	_, file, _, _ := runtime.Caller(1)
	return file
}
