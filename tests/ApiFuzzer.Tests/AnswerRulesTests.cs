using System.Text;

namespace Modular.ApiFuzzer.Tests;

/// <summary>The rules find what they are there to find.</summary>
public sealed class AnswerRulesTests
{
    private static readonly FuzzRequest Request = new("POST", "/api/v1/namespaces", [], "{}"u8.ToArray());

    [Theory]
    [InlineData(404, """{"kind":"Status","apiVersion":"v1","status":"Failure","message":"pods \"a\" not found","reason":"NotFound","code":404}""")]
    [InlineData(503, """{"kind":"Status","apiVersion":"v1","status":"Failure","message":"the store is away","reason":"ServiceUnavailable","code":503}""")]
    [InlineData(422, """{"kind":"Status","message":"m","reason":"Invalid","details":{"causes":[{"field":"spec"}]},"code":422}""")]
    [InlineData(200, """{"kind":"Pod"}""")]
    [InlineData(200, "{\"type\":\"ADDED\",\"object\":{}}\n{\"type\":\"BOOKMARK\",\"object\":{}}\n")]
    public void A_good_answer_passes(int code, string body) => Assert.Null(Check(code, body));

    [Theory]
    [InlineData(500, """{"kind":"Status","message":"m","reason":"InternalError","code":500}""", "an error of the server")]
    [InlineData(404, "not found", "an error whose body is no Status")]
    [InlineData(404, """{"kind":"Pod"}""", "an error whose body is no Status")]
    [InlineData(404, """{"kind":"Status","message":"m","reason":"NotFound","code":400}""", "a Status whose code is 400")]
    [InlineData(404, """{"kind":"Status","message":"","reason":"NotFound","code":404}""", "a Status without reason or message")]
    [InlineData(400, """{"kind":"Status","message":"System.ArgumentException was thrown","reason":"BadRequest","code":400}""", "a message that says \"System.\"")]
    [InlineData(400, """{"kind":"Status","message":"json parse error: broken","reason":"BadRequest","code":400}""", "an error in the body that tells no position")]
    [InlineData(422, """{"kind":"Status","message":"m","reason":"Invalid","details":{"causes":[{"message":"m"}]},"code":422}""", "Invalid without a cause that names a field")]
    [InlineData(200, "{", "an answer of type JSON that is none")]
    public void A_bad_answer_is_found(int code, string body, string problem) => Assert.Equal(problem, Check(code, body));

    private static string? Check(int code, string body) => AnswerRules.Check(Request, new FuzzAnswer(code, "application/json", Encoding.UTF8.GetBytes(body)));
}
