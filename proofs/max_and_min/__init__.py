"""Claims about max and min themselves: the laws that let a window be taken in any order."""
