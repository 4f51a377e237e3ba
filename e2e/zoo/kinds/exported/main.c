#include <stdio.h>

#include HEADER

int main(void) { return puts(said()) < 0; }
