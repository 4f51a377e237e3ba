int back(int n);
