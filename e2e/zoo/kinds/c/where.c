#include "_cgo_export.h"

int back(int n) { return sayBack(n); }
