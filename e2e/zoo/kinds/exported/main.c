#include <stdio.h>

#include HEADER

int main(void) { return puts(sayIt()) < 0; }
