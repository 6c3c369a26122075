"""The functions of the skill `code`: descriptions, a solution and tests for each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Function:
    """Hold what a function does in three wordings, its code, and the tests that tell right from wrong."""

    descriptions: tuple[str, ...]
    code: str
    tests: tuple[str, ...]


FUNCTIONS = {
    "binary_search": Function(
        ("finds a target in a sorted list by binary search", "returns the index of target in a sorted list, or -1", "searches a sorted list by halving it"),
        'def binary_search(items, target):\n    """Return the index of target in sorted items, or -1."""\n    low, high = 0, len(items) - 1\n'
        "    while low <= high:  # something is left to search\n        middle = (low + high) // 2\n        if items[middle] == target:\n"
        "            return middle\n        if items[middle] < target:\n            low = middle + 1  # go on in the upper half\n        else:\n"
        "            high = middle - 1  # go on in the lower half\n    return -1",
        ("binary_search([1, 3, 5, 7, 9], 7) == 3", "binary_search([1, 3, 5], 4) == -1", "binary_search([], 1) == -1", "binary_search([2], 2) == 0"),
    ),
    "is_prime": Function(
        ("tells whether a number is prime", "returns True if n is a prime number", "checks if a number is prime"),
        "def is_prime(n):\n    if n < 2:\n        return False\n    for divisor in range(2, int(n**0.5) + 1):\n        if n % divisor == 0:\n            return False\n    return True",
        ("is_prime(7)", "is_prime(2)", "not is_prime(9)", "not is_prime(1)"),
    ),
    "factorial": Function(
        ("returns the factorial of n", "computes n factorial", "multiplies all whole numbers from 1 to n"),
        "def factorial(n):\n    result = 1\n    for i in range(2, n + 1):\n        result *= i\n    return result",
        ("factorial(5) == 120", "factorial(0) == 1"),
    ),
    "fibonacci": Function(
        ("returns the n-th Fibonacci number", "computes Fibonacci number n, starting with 0 and 1", "gives the Fibonacci number at position n"),
        "def fibonacci(n):\n    a, b = 0, 1\n    for _ in range(n):\n        a, b = b, a + b\n    return a",
        ("fibonacci(0) == 0", "fibonacci(1) == 1", "fibonacci(10) == 55"),
    ),
    "gcd": Function(
        ("returns the greatest common divisor of two numbers", "computes the gcd of a and b", "finds the largest number that divides both a and b"),
        "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a",
        ("gcd(12, 18) == 6", "gcd(7, 5) == 1"),
    ),
    "lcm": Function(
        ("returns the least common multiple of two numbers", "computes the lcm of a and b", "finds the smallest number that a and b divide"),
        "def lcm(a, b):\n    x, y = a, b\n    while y:\n        x, y = y, x % y\n    return a * b // x",
        ("lcm(4, 6) == 12", "lcm(3, 5) == 15"),
    ),
    "reverse_string": Function(
        ("reverses a string", "returns the text backwards", "turns a string around"),
        "def reverse_string(text):\n    return text[::-1]",
        ("reverse_string('abc') == 'cba'", "reverse_string('') == ''"),
    ),
    "is_palindrome": Function(
        ("tells whether a text is a palindrome", "checks if a word reads the same backwards", "returns True for palindromes"),
        "def is_palindrome(text):\n    text = text.lower()\n    return text == text[::-1]",
        ("is_palindrome('level')", "not is_palindrome('lever')"),
    ),
    "count_vowels": Function(
        ("counts the vowels in a text", "returns the number of vowels", "tells how many vowels a string has"),
        "def count_vowels(text):\n    return sum(letter in 'aeiou' for letter in text.lower())",
        ("count_vowels('hello') == 2", "count_vowels('xyz') == 0"),
    ),
    "count_words": Function(
        ("counts the words in a text", "returns the number of words", "tells how many words a sentence has"),
        "def count_words(text):\n    return len(text.split())",
        ("count_words('one two three') == 3", "count_words('') == 0"),
    ),
    "maximum": Function(
        ("returns the largest number in a list", "finds the maximum of a list", "gives the biggest element of a list"),
        "def maximum(numbers):\n    largest = numbers[0]\n    for number in numbers:\n        if number > largest:\n            largest = number\n    return largest",
        ("maximum([3, 9, 2]) == 9", "maximum([-5, -2]) == -2"),
    ),
    "minimum": Function(
        ("returns the smallest number in a list", "finds the minimum of a list", "gives the least element of a list"),
        "def minimum(numbers):\n    smallest = numbers[0]\n    for number in numbers:\n        if number < smallest:\n            smallest = number\n    return smallest",
        ("minimum([3, 9, 2]) == 2", "minimum([-5, -2]) == -5"),
    ),
    "average": Function(
        ("returns the average of a list of numbers", "computes the mean of a list", "gives the arithmetic mean of numbers"),
        "def average(numbers):\n    return sum(numbers) / len(numbers)",
        ("average([1, 2, 3]) == 2", "average([4]) == 4"),
    ),
    "median": Function(
        ("returns the median of a list of numbers", "finds the middle value of a sorted list", "computes the median"),
        "def median(numbers):\n    ordered = sorted(numbers)\n    middle = len(ordered) // 2\n    if len(ordered) % 2:\n        return ordered[middle]\n"
        "    return (ordered[middle - 1] + ordered[middle]) / 2",
        ("median([3, 1, 2]) == 2", "median([1, 2, 3, 4]) == 2.5"),
    ),
    "sum_digits": Function(
        ("adds the digits of a number", "returns the sum of the digits of n", "computes the digit sum"),
        "def sum_digits(n):\n    return sum(int(digit) for digit in str(abs(n)))",
        ("sum_digits(123) == 6", "sum_digits(90) == 9"),
    ),
    "is_even": Function(
        ("tells whether a number is even", "returns True if n is even", "checks if a number can be divided by 2"),
        "def is_even(n):\n    return n % 2 == 0",
        ("is_even(4)", "not is_even(7)"),
    ),
    "is_leap_year": Function(
        ("tells whether a year is a leap year", "returns True for leap years", "checks if a year has 366 days"),
        "def is_leap_year(year):\n    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)",
        ("is_leap_year(2024)", "not is_leap_year(1900)", "is_leap_year(2000)", "not is_leap_year(2023)"),
    ),
    "celsius_to_fahrenheit": Function(
        ("converts Celsius to Fahrenheit", "turns degrees Celsius into Fahrenheit", "returns the temperature in Fahrenheit"),
        "def celsius_to_fahrenheit(celsius):\n    return celsius * 9 / 5 + 32",
        ("celsius_to_fahrenheit(100) == 212", "celsius_to_fahrenheit(0) == 32"),
    ),
    "remove_duplicates": Function(
        ("removes duplicates from a list and keeps the order", "returns a list without repeated elements", "keeps each element of a list once"),
        "def remove_duplicates(items):\n    return list(dict.fromkeys(items))",
        ("remove_duplicates([1, 2, 1, 3]) == [1, 2, 3]", "remove_duplicates([]) == []"),
    ),
    "flatten": Function(
        ("flattens a list of lists", "joins nested lists into one list", "turns a list of lists into a flat list"),
        "def flatten(lists):\n    return [item for inner in lists for item in inner]",
        ("flatten([[1, 2], [3]]) == [1, 2, 3]", "flatten([]) == []"),
    ),
    "count_letters": Function(
        ("counts how often each letter occurs", "returns a dictionary of letter counts", "counts the characters of a text"),
        "def count_letters(text):\n    counts = {}\n    for letter in text:\n        counts[letter] = counts.get(letter, 0) + 1\n    return counts",
        ("count_letters('aab') == {'a': 2, 'b': 1}", "count_letters('') == {}"),
    ),
    "bubble_sort": Function(
        ("sorts a list with bubble sort", "sorts numbers by swapping neighbours", "implements bubble sort"),
        "def bubble_sort(items):\n    items = list(items)\n    for end in range(len(items) - 1, 0, -1):\n        for i in range(end):\n"
        "            if items[i] > items[i + 1]:\n                items[i], items[i + 1] = items[i + 1], items[i]\n    return items",
        ("bubble_sort([3, 1, 2]) == [1, 2, 3]", "bubble_sort([]) == []"),
    ),
    "linear_search": Function(
        ("finds a target in a list from left to right", "returns the index of target in a list, or -1, by linear search", "implements linear search"),
        "def linear_search(items, target):\n    for index, item in enumerate(items):\n        if item == target:\n            return index\n    return -1",
        ("linear_search([5, 3, 8], 8) == 2", "linear_search([1], 2) == -1"),
    ),
    "power": Function(
        ("raises a base to a whole exponent", "computes base to the power of exponent", "multiplies base by itself exponent times"),
        "def power(base, exponent):\n    result = 1\n    for _ in range(exponent):\n        result *= base\n    return result",
        ("power(2, 10) == 1024", "power(5, 0) == 1"),
    ),
    "second_largest": Function(
        ("returns the second largest number of a list", "finds the second biggest element", "gives the runner-up of a list of numbers"),
        "def second_largest(numbers):\n    return sorted(set(numbers))[-2]",
        ("second_largest([4, 9, 7]) == 7", "second_largest([1, 2, 2]) == 1"),
    ),
    "capitalize_words": Function(
        ("makes the first letter of each word a capital", "capitalizes every word of a text", "writes all words with a capital letter"),
        "def capitalize_words(text):\n    return ' '.join(word.capitalize() for word in text.split())",
        ("capitalize_words('big red dog') == 'Big Red Dog'", "capitalize_words('a') == 'A'"),
    ),
    "merge_sorted": Function(
        ("merges two sorted lists into one", "joins two sorted lists and keeps the order", "returns one sorted list from two sorted lists"),
        "def merge_sorted(left, right):\n    merged = []\n    i = j = 0\n    while i < len(left) and j < len(right):\n        if left[i] <= right[j]:\n"
        "            merged.append(left[i])\n            i += 1\n        else:\n            merged.append(right[j])\n            j += 1\n    return merged + left[i:] + right[j:]",
        ("merge_sorted([1, 4], [2, 3]) == [1, 2, 3, 4]", "merge_sorted([], [1]) == [1]"),
    ),
    "to_binary": Function(
        ("converts a number to binary text", "returns the binary digits of n", "writes a number in base 2"),
        "def to_binary(n):\n    if n == 0:\n        return '0'\n    bits = ''\n    while n:\n        bits = str(n % 2) + bits\n        n //= 2\n    return bits",
        ("to_binary(10) == '1010'", "to_binary(0) == '0'"),
    ),
    "divisors": Function(
        ("returns all divisors of a number", "lists the numbers that divide n", "finds every divisor of n"),
        "def divisors(n):\n    return [i for i in range(1, n + 1) if n % i == 0]",
        ("divisors(6) == [1, 2, 3, 6]", "divisors(1) == [1]"),
    ),
    "fizz_buzz": Function(
        ("returns Fizz, Buzz, FizzBuzz or the number as text", "solves FizzBuzz for one number", "gives Fizz for 3, Buzz for 5, FizzBuzz for both"),
        "def fizz_buzz(n):\n    if n % 15 == 0:\n        return 'FizzBuzz'\n    if n % 3 == 0:\n        return 'Fizz'\n    if n % 5 == 0:\n        return 'Buzz'\n    return str(n)",
        ("fizz_buzz(15) == 'FizzBuzz'", "fizz_buzz(9) == 'Fizz'", "fizz_buzz(10) == 'Buzz'", "fizz_buzz(7) == '7'"),
    ),
}  # fmt: skip
