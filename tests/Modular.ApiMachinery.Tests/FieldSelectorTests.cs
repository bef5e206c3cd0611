namespace Modular.ApiMachinery.Tests;

public sealed class FieldSelectorTests
{
    [Theory]
    [InlineData("metadata.name=web", true)]
    [InlineData("metadata.name==web", true)]
    [InlineData("metadata.name!=web", false)]
    [InlineData("metadata.name=web,status.phase!=Running", false)]
    [InlineData("metadata.name=web,status.phase!=Failed", true)]
    [InlineData("spec.nodeName=", true)]
    [InlineData("spec.nodeName!=", false)]
    [InlineData("", true)]
    public void Selects(string text, bool expected)
    {
        var fields = new Dictionary<string, string> { ["metadata.name"] = "web", ["status.phase"] = "Running" };

        Assert.Equal(expected, FieldSelector.Parse(text).Matches(fields, static (f, name) => f.GetValueOrDefault(name, "")));
    }

    [Fact]
    public void BackslashesKeepSpecialCharacters()
    {
        var requirement = Assert.Single(FieldSelector.Parse(@"a=x\,y\=z\\").Requirements);

        Assert.Equal(new FieldRequirement("a", @"x,y=z\", false), requirement);
        Assert.Equal(@"a=x\,y\=z\\", requirement.ToString());
    }

    [Theory]
    [InlineData("a", "invalid selector: 'a'; can't understand 'a'")]
    [InlineData("a=b,c", "invalid selector: 'a=b,c'; can't understand 'c'")]
    [InlineData("a=b=c", "invalid field selector: unescaped character in value: =")]
    [InlineData(@"a=\x", @"invalid field selector: invalid escape sequence: \x")]
    public void SaysWhatIsWrong(string text, string message)
    {
        var error = Assert.Throws<ApiException>(() => FieldSelector.Parse(text));

        Assert.Equal(StatusReason.BadRequest, error.Reason);
        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void TellsExactValues()
    {
        var selector = FieldSelector.Parse("a=1,b!=2");

        Assert.True(selector.TryGetExactMatch("a", out var value));
        Assert.Equal("1", value);
        Assert.False(selector.TryGetExactMatch("b", out _));
    }
}
