#include "domain/checkdigit.h"

#define MODULUS    11
#define SERIAL_MAX 14

/* Weights 2..7, repeated from the right. */
static int weighted_rest(struct span body)
{
    int sum = 0;
    for (size_t n = 0; n < body.n; n++)
        sum += (body.p[body.n - 1 - n] - '0') * (int)(n % 6 + 2);
    return sum % MODULUS;
}

static bool digits(struct span s, size_t min, size_t max)
{
    if (s.n < min || s.n > max)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    }
    return true;
}

/* Remainders 0 and 1 give 0: both laws that use it say so. */
static int by_law(struct span body, size_t len)
{
    if (!digits(body, len, len))
        return CHECKDIGIT_FORM;
    int rest = weighted_rest(body);
    return rest <= 1 ? 0 : MODULUS - rest;
}

int checkdigit_my_number(struct span body11)
{
    return by_law(body11, 11);
}

int checkdigit_resident_code(struct span body10)
{
    return by_law(body10, 10);
}

int checkdigit_serial(struct span body)
{
    if (!digits(body, 1, SERIAL_MAX))
        return CHECKDIGIT_FORM;
    int rest = weighted_rest(body);
    if (rest == 1)
        return CHECKDIGIT_UNDEF;
    return rest == 0 ? 0 : MODULUS - rest;
}

int checkdigit_city(struct span body5)
{
    if (!digits(body5, 5, 5))
        return CHECKDIGIT_FORM;
    int rest = weighted_rest(body5); /* five digits weigh 6, 5, 4, 3, 2 */
    return (MODULUS - rest) % 10;
}

static bool ends_in(struct span number, int digit)
{
    return digit >= 0 && number.p[number.n - 1] == '0' + digit;
}

static struct span body_of(struct span number)
{
    return (struct span){ number.p, number.n > 0 ? number.n - 1 : 0 };
}

bool my_number_ok(struct span number)
{
    return ends_in(number, checkdigit_my_number(body_of(number)));
}

bool resident_code_ok(struct span number)
{
    return ends_in(number, checkdigit_resident_code(body_of(number)));
}

bool serial_ok(struct span number)
{
    int digit = checkdigit_serial(body_of(number));
    return ends_in(number, digit == CHECKDIGIT_UNDEF ? 0 : digit);
}

bool city_code_ok(struct span number)
{
    return ends_in(number, checkdigit_city(body_of(number)));
}

bool my_number_odd(struct span number)
{
    if (!my_number_ok(number))
        return false;
    for (size_t i = 1; i + 1 < number.n; i++) {
        if (number.p[i] != number.p[0])
            return false;
    }
    return true;
}
