#pragma once

int twice(int n);  // in twice.cpp: an extension may have several sources
