"""The one door for frontends: GraphQL over HTTP and WebSocket, answered by page-sized gRPC calls to the services.

A request is read and bounded (``endpoint``, ``sockets``, ``wire``, ``limits``), its caller verified and made known
(``people``), its document parsed, validated and priced once (``documents``). Its root fields are resolved by one gRPC
call each (``schema``, ``context``, ``clients``), and the messages that come back are read by compiled code
(``executor``, ``compiling``). What goes wrong becomes a stable code in one place (``errors``). ``app`` constructs it all.
"""
