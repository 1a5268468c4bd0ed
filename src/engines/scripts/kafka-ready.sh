# Asks which versions of its requests the broker knows: the first question of every client,
# which takes no login. The image's own client would be a Java machine for each question, and
# asks at the address that only a server which is ready has.
exec 3<> /dev/tcp/127.0.0.1/9092
# Ten bytes: question 18 in version 0, the number 1, and no name.
printf '\0\0\0\12\0\22\0\0\0\0\0\1\377\377' >&3
# The answer's length, the number, and no error.
answer=$(head -c 10 <&3 | od -An -tx1 | tr -d ' \n')
[[ $answer == ????????000000010000 ]]
