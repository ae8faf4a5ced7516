#!/usr/bin/perl
# Writes unicode.csv: runs of characters by Unicode properties that Python's unicodedata does not have.
# perl vn/tables/unicode.pl > vn/tables/unicode.csv   (perl 5.36: Unicode 14.0, as Python 3.11)
use v5.36;
use Unicode::UCD;

my %property = (
    # Read as nothing. A sign that stands before a number (\p{PCM}) is printed, whatever its category says;
    # the object replacement character is what a picture leaves behind.
    invisible => qr/[\p{Default_Ignorable_Code_Point}\p{Cf}\x{FFFC}](?<!\p{Prepended_Concatenation_Mark})/,
    # Printed as a gap: fillers of Hangul, Braille without a dot.
    blank => qr/[\x{115F}\x{1160}\x{2800}\x{3164}\x{FFA0}]/,
    # Decimal digits but ASCII's, runs from zero to nine.
    digit => qr/(?![0-9])\p{Decimal_Number}/,
    latin => qr/\p{Script=Latin}/,
);
my $source = 'Unicode ' . Unicode::UCD::UnicodeVersion();

binmode STDOUT, ':utf8';
say 'kind,first,last,source';
for my $kind (sort keys %property) {
    my ($first, $last);
    for my $code (0 .. 0x10FFFF, undef) {
        my $is_in = defined $code && !($code >= 0xD800 && $code <= 0xDFFF) && chr($code) =~ $property{$kind};
        my $is_full = $kind eq 'digit' && defined $first && $code && $code - $first == 10;
        if (defined $first && (!$is_in || $is_full)) {
            printf "%s,%04X,%04X,%s\n", $kind, $first, $last, $source;
            $first = undef;
        }
        if ($is_in) { $first //= $code; $last = $code; }
    }
}
