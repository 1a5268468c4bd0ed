% Sends a message that must be kept, or looks at the one that is there, by the broker's own
% client: the official image has no other that takes a login.
{ok, _} = application:ensure_all_started(amqp_client),
{ok, Parameters} = amqp_uri:parse(os:getenv("URI")),
{ok, Connection} = amqp_connection:start(Parameters),
{ok, Channel} = amqp_connection:open_channel(Connection),
case os:getenv("VALUE") of
    false ->
        {{'basic.get_ok', _, _, _, _, _}, {amqp_msg, _, Payload}} =
            amqp_channel:call(Channel, {'basic.get', 0, <<"entries">>, false}),
        ok = file:write_file("/dev/stdout", Payload);
    Value ->
        Properties = {'P_basic', undefined, undefined, undefined, 2, undefined, undefined,
            undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined},
        amqp_channel:call(Channel, {'confirm.select', false}),
        amqp_channel:cast(Channel,
            {'basic.publish', 0, <<"books.events">>, <<"entry.made">>, true, false},
            {amqp_msg, Properties, unicode:characters_to_binary(Value)}),
        true = amqp_channel:wait_for_confirms(Channel, 10)
end,
% A message that was only looked at goes back to its queue.
amqp_connection:close(Connection),
halt(0).
